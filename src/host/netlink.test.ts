import { describe, expect, it } from 'vitest';
import { AF_NETLINK, NLM_F_DUMP_INTR, NLMSG_DONE, NLMSG_ERROR } from '../linux/constants.js';
import { errno } from '../linux/errno.js';
import { encodeMessage, word } from '../linux/netlink.js';
import { fakeHost } from '../testing/fake-host.js';
import { Netlink, type Request } from './netlink.js';

const ANSWER = 99;
const request: Request = { type: [18, 'RTM_GETLINK'], body: word(0), about: 'eth0' };

interface Said {
  readonly type: number;
  readonly sequence?: number;
  readonly flags?: number;
  readonly number?: number;
}

/** The kernel says each list of messages in one datagram. */
function kernel(...datagrams: readonly (readonly Said[])[]) {
  const left = datagrams.map((messages) =>
    messages.map(({ type, sequence = 1, flags = 0, number = 0 }) =>
      encodeMessage({ type, sequence, flags, body: word(number) }),
    ),
  );
  return fakeHost({
    natives: {
      socket: (family) => (family === AF_NETLINK ? 9 : -errno.EAFNOSUPPORT),
      write: (_, data) => data!.length,
      read(_, buffer) {
        const bytes = Buffer.concat(left.shift() ?? []);
        buffer!.set(bytes);
        return bytes.length;
      },
    },
  });
}

const talk = (...datagrams: readonly (readonly Said[])[]): Netlink =>
  new Netlink(kernel(...datagrams).context);

const done = { type: NLMSG_DONE };
const worked = { type: NLMSG_ERROR };
const failed = { type: NLMSG_ERROR, number: -errno.EEXIST };

describe('rtnetlink', () => {
  it('is heard up to the acknowledgement, however many datagrams it takes', () => {
    const answers = talk([{ type: ANSWER, number: 1 }], [{ type: ANSWER, number: 2 }, worked]);
    expect(answers.ask(request).map(({ body }) => body[0])).toEqual([1, 2]);
  });

  it('is not heard about what somebody else has asked', () => {
    const answers = talk(
      [
        { type: ANSWER, sequence: 7 },
        { ...failed, sequence: 7 },
      ],
      [worked],
    );
    expect(answers.ask(request)).toEqual([]);
  });

  it('tells the errno with the name of the request', () => {
    expect(() => talk([failed]).ask(request)).toThrow(
      expect.objectContaining({
        call: { name: 'RTM_GETLINK', args: ['eth0'], errno: errno.EEXIST },
      }),
    );
    expect(talk([failed]).askIfThere(request, errno.EEXIST)).toBeNull();
    expect(() => talk([failed]).askIfThere(request, errno.ENODEV)).toThrow();
  });

  it('lists up to the end, and again when something has changed meanwhile', () => {
    const changed = { type: ANSWER, flags: NLM_F_DUMP_INTR };
    const second = [
      { type: ANSWER, sequence: 2, number: 5 },
      { ...done, sequence: 2 },
    ];
    const answers = talk([changed], [done], second).list(request);
    expect(answers.map(({ body }) => body[0])).toEqual([5]);
    expect(() => talk([{ ...done, number: -errno.ENOMEM }]).list(request)).toThrow(
      expect.objectContaining({ call: expect.objectContaining({ errno: errno.ENOMEM }) }),
    );
  });

  it.each([[[]], [[{ type: ANSWER }]]])('is not believed when it falls silent after %j', (said) => {
    expect(() => talk(said).ask(request)).toThrow(expect.objectContaining({ code: 'protocol' }));
  });
});
