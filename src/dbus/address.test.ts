import { expect, it } from 'vitest';
import { decode, encode } from '../engine/node/text.js';
import { parseAddresses } from './address.js';

const parse = (text: string) => parseAddresses(text, { encode, decode });

it.each([
  [
    'unix:path=/run/dbus/system_bus_socket',
    [{ kind: 'path', name: '/run/dbus/system_bus_socket' }],
  ],
  ['unix:abstract=/tmp/x,guid=0011', [{ kind: 'abstract', name: '/tmp/x' }]],
  ['unix:guid=0011,path=/a%20b%2c%25', [{ kind: 'path', name: '/a b,%' }]],
  ['unix:path=/%ff', [{ kind: 'path', name: '/\udcff' }]],
  [
    'tcp:host=x;unix:path=/a;unix:abstract=b',
    [
      { kind: 'path', name: '/a' },
      { kind: 'abstract', name: 'b' },
    ],
  ],
])('reads %s', (text, sockets) => {
  expect(parse(text)).toEqual(sockets);
});

it.each(['', 'tcp:host=localhost,port=1', 'unix:tmpdir=/tmp', 'autolaunch:', '/run/socket'])(
  'finds no socket in %o',
  (text) => {
    expect(() => parse(text)).toThrow('names no unix socket');
  },
);
