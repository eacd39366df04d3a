import { defineConfig } from 'vitest/config';

const kernelTests = '**/*.kernel.test.ts';
const endToEndTests = 'conformance/suites/**/*.test.ts';
/** Only in a world of their own: conformance/engines/engines.ts. */
const engineTests = 'conformance/engines/*.test.ts';

/** A container takes milliseconds, a busy machine of two cores takes its time. */
const patience = { testTimeout: 60_000, hookTimeout: 60_000 };

/** What acts on the kernel itself looks for what others left behind, so one file runs at a time. */
const alone = { fileParallelism: false };

/** Tests from outside look for what is their own, and wait more than they compute. */
const inPairs = { maxWorkers: 2 };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{src,spec-schemas,native,conformance}/**/*.test.ts'],
          exclude: [kernelTests, endToEndTests, engineTests],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'kernel',
          include: [`{src,native,conformance}/${kernelTests}`],
          exclude: [endToEndTests],
          ...patience,
          ...alone,
        },
      },
      { test: { name: 'e2e', include: [endToEndTests], ...patience, ...inPairs } },
      { test: { name: 'engines', include: [engineTests], ...patience, ...inPairs } },
    ],
  },
});
