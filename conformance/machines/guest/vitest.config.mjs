/** All in one project and one process: there, starting Node takes seconds. */
const patience = 300_000;

export default {
  test: {
    include: ['{src,native}/**/*.kernel.test.ts', 'conformance/suites/**/*.test.ts'],
    isolate: false,
    fileParallelism: false,
    testTimeout: patience,
    hookTimeout: patience,
    reporters: ['./conformance/machines/tap-reporter.ts'],
  },
};
