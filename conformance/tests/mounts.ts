import { deepEqual, equal } from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DefineTest, subject } from '../runner/test.js';
import { adds, bind, folderIn, found, orRefused, resultAt, tmpfs } from './mounting.js';
import { optionId } from './option-ids.js';

function orderTests(test: DefineTest): void {
  const proves = ['config/mounts/1'];

  test('order', 'Mounts are made in their order', { proves }, async (trial) => {
    const report = await trial.look((config) => {
      config.mounts.push(
        ...[tmpfs('/tmp', 'size=64k'), tmpfs('/tmp/z'), tmpfs('/tmp/a'), tmpfs('/tmp/a/b')],
      );
    });
    const places = report.mounts.map(({ path }) => path).filter((path) => path.startsWith('/tmp'));
    deepEqual(places, ['/tmp', '/tmp/z', '/tmp/a', '/tmp/a/b']);
  });

  test(
    'covered',
    'A mount covers those that stand before it, and not those after it',
    { proves },
    async (trial) => {
      const report = await trial.look(
        (config, paths) => {
          for (const name of ['first', 'second'])
            writeFileSync(join(folderIn(paths, name), name), '');
          mkdirSync(join(paths.bundle, 'second/below'));
          mkdirSync(join(paths.rootfs, 'tmp/below'));
          config.mounts.push(
            bind(join(paths.bundle, 'first'), '/tmp/below'),
            bind(join(paths.bundle, 'second'), '/tmp'),
          );
        },
        ...['list', '/tmp', 'list', '/tmp/below'],
      );
      deepEqual(
        report.results.map(({ names }) => names),
        [['below', 'second'], []],
      );
    },
  );

  test(
    'same-place',
    'Of two mounts at one place the later one is seen',
    { proves },
    async (trial) => {
      const report = await trial.look(
        adds(tmpfs('/tmp', 'size=64k'), tmpfs('/tmp', 'size=128k')),
        ...['statfs', '/tmp'],
      );
      equal(resultAt(report, 0).bytes, 128 * 1024);
    },
  );
}

function destinationTests(test: DefineTest): void {
  test(
    'relative',
    'A relative destination starts at the root, whatever the working directory is',
    { proves: ['config/mounts/3'] },
    async (trial) => {
      const report = await trial.look((config) => {
        config.process.cwd = '/etc';
        config.mounts.push(tmpfs('tmp', 'size=64k'));
      });
      equal(found(report, '/tmp').type, 'tmpfs');
    },
  );

  test(
    'relative-deep',
    'A relative destination may have several parts',
    { proves: ['config/mounts/3'] },
    async (trial) => {
      const report = await trial.look((config, { rootfs }) => {
        mkdirSync(join(rootfs, 'tmp/a/b'), { recursive: true });
        config.mounts.push(tmpfs('tmp/a/b'));
      });
      equal(found(report, '/tmp/a/b').type, 'tmpfs');
    },
  );

  test(
    'made',
    'Directories that a destination lacks are made, or the mount is refused',
    { proves: ['config/mounts/1'] },
    async (trial) => {
      const report = await orRefused(trial, adds(tmpfs('/new/deep/place')));
      if (report) equal(found(report, '/new/deep/place').type, 'tmpfs');
    },
  );
}

function sourceTests(test: DefineTest): void {
  const proves = [optionId('bind')];

  test('bind-file', 'A file is bound over a file', { proves }, async (trial) => {
    const report = await trial.look(
      (config, { bundle, rootfs }) => {
        writeFileSync(join(rootfs, 'etc/file'), 'covered');
        writeFileSync(join(bundle, 'file'), 'bound');
        config.mounts.push(bind(join(bundle, 'file'), '/etc/file'));
      },
      ...['read', '/etc/file', 'append', '/etc/file', ' and more'],
    );
    equal(resultAt(report, 0).text, 'bound');
    equal(resultAt(report, 1).value, ' and more'.length);
  });

  test(
    'bind-file-made',
    'A file is bound where nothing is, or the mount is refused',
    { proves },
    async (trial) => {
      const report = await orRefused(
        trial,
        (config, { bundle }) => {
          writeFileSync(join(bundle, 'file'), 'bound');
          config.mounts.push(bind(join(bundle, 'file'), '/new/file'));
        },
        ...['read', '/new/file'],
      );
      if (report) equal(resultAt(report, 0).text, 'bound');
    },
  );

  test(
    'bind-relative',
    'A relative source of a bind mount starts at the bundle',
    { proves },
    async (trial) => {
      const report = await trial.look(
        (config, paths) => {
          writeFileSync(join(folderIn(paths, 'source'), 'here'), 'bound');
          config.mounts.push(bind('source', '/tmp'));
        },
        ...['read', '/tmp/here'],
      );
      equal(resultAt(report, 0).text, 'bound');
    },
  );

  test(
    'bind-same',
    'What a container writes to a bind mount is in its source',
    { proves },
    async (trial) => {
      const path = join(trial.folderFor('source'), 'written');
      const report = await trial.look(
        adds(bind(join(path, '..'), '/tmp')),
        ...['write', '/tmp/written', 'text'],
      );
      equal(resultAt(report, 0).value, 'text'.length);
      equal(readFileSync(path, 'utf8'), 'text');
    },
  );

  test('bind-missing', 'A source that is not there is refused', { proves }, async (trial) => {
    await trial.refused((config, { bundle }) => {
      config.mounts.push(bind(join(bundle, 'nothing'), '/tmp'));
    });
  });

  for (const type of ['none', 'bind', undefined])
    test(
      `bind-type-${type ?? 'missing'}`,
      `A bind mount is one by its option, with ${type ? `the type ${type}` : 'no type'}`,
      { proves },
      async (trial) => {
        const report = await trial.look(
          (config, paths) => {
            writeFileSync(join(folderIn(paths, 'source'), 'here'), '');
            const { type: _, ...mount } = bind(join(paths.bundle, 'source'), '/tmp');
            config.mounts.push(type === undefined ? mount : { ...mount, type });
          },
          ...['list', '/tmp'],
        );
        deepEqual(resultAt(report, 0).names, ['here']);
      },
    );
}

function dataTests(test: DefineTest): void {
  const proves = [optionId('data')];

  test('data', 'Options of a file system are given to it', { proves }, async (trial) => {
    const report = await trial.look(
      adds(tmpfs('/tmp', 'size=128k', 'nr_inodes=100')),
      ...['statfs', '/tmp'],
    );
    const { bytes, inodes } = resultAt(report, 0);
    deepEqual([bytes, inodes], [128 * 1024, 100]);
  });

  test('data-mode', 'A tmpfs has the mode that its options say', { proves }, async (trial) => {
    const report = await trial.look(adds(tmpfs('/tmp', 'mode=1751')), ...['stat', '/tmp']);
    equal(resultAt(report, 0).mode, 0o1751);
  });

  test(
    'data-unknown',
    'An option that nobody knows is for the file system to refuse',
    { proves },
    async (trial) => {
      await trial.refused(adds(tmpfs('/tmp', 'conformance_frob=1')));
    },
  );

  test(
    'data-malformed',
    'An option whose value the file system does not understand is refused',
    { proves },
    async (trial) => {
      await trial.refused(adds(tmpfs('/tmp', 'size=several')));
    },
  );
}

export const mountTests = subject('mounts', (test) => {
  orderTests(test);
  destinationTests(test);
  sourceTests(test);
  dataTests(test);

  test(
    'unknown-type',
    'A file system that the kernel does not have is refused',
    { proves: ['config/valid-values/1'] },
    async (trial) => {
      await trial.refused(adds({ destination: '/tmp', type: 'conformancefs', source: 'none' }));
    },
  );
});
