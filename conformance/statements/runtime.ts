import { statementsOf } from './statement.js';

export const runtime = statementsOf('runtime.md', {
  'Scope of a Container': [
    [
      'MUST',
      '0f798fd34028',
      'Whoever creates a container can query, start, kill and delete it with the same runtime.',
    ],
  ],
  State: [
    ['MUST', 'fe1cbc513b7c', 'No two containers have the same id at the same time.'],
    [
      'MUST',
      '8c15595c4a3c',
      "A status of a runtime's own stands only for a state that the four defined ones do not describe.",
    ],
    ['MUST', 'e3b396841aaf', "The state, written as JSON, is valid against the state's schema."],
  ],
  Lifecycle: [
    ['MUST', 'ecca2a7dbc35', 'create makes the environment that config.json describes.'],
    ['MUST', '7d5728ba9f00', 'create fails if it cannot make that environment.'],
    ['MUST', '34ba2f9a0332', 'create makes all resources, but does not run the program.'],
    [
      'MUST NOT',
      'e8f3e579649c',
      'Whoever changes config.json after create changes nothing about the container.',
    ],
    ['MUST', '3919283331e0', 'prestart hooks run during create.'],
    [
      'MUST',
      '9174037fb38e',
      'A prestart hook that fails makes create fail, ends the container and destroys it.',
    ],
    ['MUST', 'df8c63076534', 'createRuntime hooks run during create.'],
    [
      'MUST',
      '3e11ddb7f784',
      'A createRuntime hook that fails makes create fail, ends the container and destroys it.',
    ],
    ['MUST', '4e9f64feea43', 'createContainer hooks run during create.'],
    [
      'MUST',
      '5233a5112283',
      'A createContainer hook that fails makes create fail, ends the container and destroys it.',
    ],
    ['MUST', '7279f6641a35', 'startContainer hooks run during start, before the program.'],
    [
      'MUST',
      '4bfff10f7bcd',
      'A startContainer hook that fails makes start fail, ends the container and destroys it.',
    ],
    ['MUST', '19b8075a0c88', 'start runs the program as process describes it.'],
    [
      'MUST',
      'a61f737b9d74',
      'poststart hooks run during start, after the program has been started.',
    ],
    [
      'MUST',
      '8d75a462d5bc',
      'A poststart hook that fails makes start fail, ends the container and destroys it.',
    ],
    ['MUST', 'db51ee97d62d', 'Destroying a container undoes whatever create has done.'],
    ['MUST', 'a62f3653ca66', 'poststop hooks run once the container has been destroyed.'],
    [
      'MUST',
      '61f46393f8cd',
      'A poststop hook that fails is worth a warning: other poststop hooks and the deletion go on.',
    ],
  ],
  Errors: [['MUST', 'b6cebab5f1f3', 'An operation that fails leaves everything as it was before.']],
  Warnings: [
    ['MUST', 'cabab8ee4907', 'A warning does not change what an operation goes on to do.'],
  ],
  Operations: [
    [
      'MUST',
      'f2064cd7c4fe',
      'A runtime has all operations: query state, create, start, kill and delete.',
    ],
  ],
  'Query State': [
    ['MUST', '8784c84ef9f1', 'Querying a state without an id fails.'],
    ['MUST', '1530bde117a5', 'Querying the state of a container that does not exist fails.'],
    ['MUST', '9f125ca40706', 'Querying the state answers what the state section describes.'],
  ],
  Create: [
    ['MUST', '16807928c48a', 'create fails without a bundle or without an id.'],
    [
      'MUST',
      'ce11168c5199',
      'An id that is taken, or that the runtime does not allow, makes create fail and creates nothing.',
    ],
    ['MUST', 'd07526cbe9d0', 'create makes a new container.'],
    [
      'MUST',
      '471c1175a70a',
      'create applies every property of the configuration other than process.',
    ],
    ['MUST NOT', '8199f27f6f60', 'create does not yet run the program.'],
    [
      'MUST',
      'a8975cbe1dec',
      'If a property cannot be applied, create fails and there is no new container.',
    ],
  ],
  Start: [
    ['MUST', '317bec3a528e', 'start without an id fails.'],
    [
      'MUST',
      '085bbb6dd810',
      'start of a container that is not in the created state fails and does nothing to it.',
    ],
    ['MUST', 'db2ed6e2022c', 'start runs the program.'],
    ['MUST', 'dccf312c7fed', 'start of a container whose configuration has no process fails.'],
  ],
  Kill: [
    ['MUST', '317bec3a528e', 'kill without an id fails.'],
    [
      'MUST',
      '1ed226e4f723',
      'kill of a container that is neither created nor running fails and does nothing to it.',
    ],
    [
      'MUST',
      '4e940c2252b0',
      "kill sends exactly the signal that was asked for to the container's process.",
    ],
  ],
  Delete: [
    ['MUST', '317bec3a528e', 'delete without an id fails.'],
    [
      'MUST',
      '9e6f00d6174d',
      'delete of a container that is not stopped fails and does nothing to it.',
    ],
    ['MUST', '8d8c6002ed26', 'delete removes the resources that create has made.'],
    [
      'MUST NOT',
      '5b4f76d532c3',
      'delete leaves resources that the container used but did not make.',
    ],
  ],
});
