import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  AF_INET,
  IFA_ADDRESS,
  IFA_F_NOPREFIXROUTE,
  IFA_F_PERMANENT,
  IFA_FLAGS,
} from './constants.js';
import {
  decodeAttributes,
  decodeMessages,
  encodeBody,
  encodeMessage,
  type NetlinkMessage,
  word,
} from './netlink.js';
import {
  addressBody,
  anyAddress,
  decodeAddress,
  decodeLink,
  linkBody,
  nameAttribute,
} from './rtnetlink.js';

const bytes = (length: number) => fc.uint8Array({ maxLength: length });
const attribute = fc.record({ type: fc.nat(0x3fff), value: bytes(40) });
const message = fc.record({
  type: fc.nat(0xffff),
  flags: fc.nat(0xffff),
  sequence: fc.nat(0xffffffff),
  body: bytes(60),
});

/** As the kernel puts several into one datagram. */
const joined = (messages: readonly NetlinkMessage[]): Uint8Array => {
  const parts = messages.map(encodeMessage).flatMap((part, i) => {
    const padding = i === messages.length - 1 ? 0 : -part.length & 3;
    return [...part, ...new Uint8Array(padding)];
  });
  return Uint8Array.from(parts);
};

describe('messages', () => {
  it('come back as they were sent, several in one datagram', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), (messages) => {
        expect(decodeMessages(joined(messages))).toEqual(messages);
      }),
    );
  });

  it('are nothing when the datagram is something else, and never more than was there', () => {
    fc.assert(
      fc.property(bytes(200), (datagram) => {
        const messages = decodeMessages(datagram) ?? [];
        const length = messages.reduce((sum, { body }) => sum + 16 + body.length, 0);
        expect(length).toBeLessThanOrEqual(datagram.length);
      }),
    );
  });

  it.each([
    ['cut', [17, 0, 0, 0]],
    ['shorter than their header', [8, ...new Uint8Array(15)]],
    ['longer than the datagram', [17, ...new Uint8Array(15)]],
  ])('that are %s are refused', (_, datagram) => {
    expect(decodeMessages(Uint8Array.from(datagram))).toBeNull();
  });
});

describe('attributes', () => {
  it('come back as they were put behind a structure', () => {
    const structure = bytes(20);
    fc.assert(
      fc.property(structure, fc.array(attribute, { maxLength: 6 }), (fixed, attributes) => {
        const body = encodeBody(fixed, attributes);
        expect(body.subarray(0, fixed.length)).toEqual(fixed);
        expect(decodeAttributes(body, fixed.length)).toEqual(attributes);
      }),
    );
  });

  it('do not tell whether they are nested', () => {
    const body = encodeBody(new Uint8Array(0), [{ type: 0x8012, value: word(1) }]);
    expect(decodeAttributes(body, 0)).toEqual([{ type: 0x12, value: word(1) }]);
  });

  it.each([[[4, 0]], [[3, 0, 1, 0]], [[9, 0, 1, 0, 0, 0, 0, 0]]])('%j are none', (body) => {
    expect(decodeAttributes(Uint8Array.from(body), 0)).toBeNull();
  });
});

const name = Uint8Array.from(Buffer.from('eth0'));

test('an interface is told by index, flags and name', () => {
  const body = linkBody(7, [nameAttribute(name)], 1, 1);
  expect(Buffer.from(body).toString('hex')).toBe(
    '00000000070000000100000001000000090003006574683000000000',
  );
  expect(decodeLink(body)).toEqual({ index: 7, flags: 1, name });
  expect(decodeLink(body.subarray(0, 12))).toBeNull();
  expect(decodeLink(linkBody(7, []))).toEqual({ index: 7, flags: 0, name: new Uint8Array(0) });
});

describe('an address', () => {
  const [local, label] = [{ type: 2, value: Uint8Array.of(10, 0, 0, 1) }, nameAttribute(name)];
  const body = (flags: number) =>
    encodeBody(Uint8Array.of(AF_INET, 24, flags & 0xff, 0, 7, 0, 0, 0), [
      { ...local, type: IFA_ADDRESS },
      local,
      label,
      { type: IFA_FLAGS, value: word(flags) },
    ]);

  it('has 32 flags, and eight on kernels that tell no more', () => {
    const flags = IFA_F_PERMANENT | IFA_F_NOPREFIXROUTE;
    expect(decodeAddress(body(flags))).toMatchObject({ prefix: 24, scope: 0, flags, index: 7 });
    const old = encodeBody(Uint8Array.of(AF_INET, 8, 0x80, 254, 1, 0, 0, 0), [local]);
    expect(decodeAddress(old)).toMatchObject({ prefix: 8, scope: 254, flags: 0x80, index: 1 });
    expect(decodeAddress(anyAddress().subarray(1))).toBeNull();
  });

  it('goes to another interface without what the kernel says of it, and without its label', () => {
    const moved = addressBody(decodeAddress(body(IFA_F_PERMANENT | IFA_F_NOPREFIXROUTE))!, 9);
    expect(decodeAddress(moved)).toEqual({
      family: AF_INET,
      prefix: 24,
      scope: 0,
      flags: IFA_F_NOPREFIXROUTE,
      index: 9,
      attributes: [
        { ...local, type: IFA_ADDRESS },
        local,
        { type: IFA_FLAGS, value: word(IFA_F_NOPREFIXROUTE) },
      ],
    });
  });
});
