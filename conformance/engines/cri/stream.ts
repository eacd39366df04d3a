import { once } from 'node:events';
import { WebSocket } from 'ws';

/** The first byte of every message tells what it belongs to: v4.channel.k8s.io. */
const channels = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4 } as const;

export interface StreamedExec {
  readonly stdout: string;
  readonly stderr: string;
  /** What the engine says of the end: a metav1.Status as JSON. */
  readonly end: string;
}

export interface StreamInput {
  readonly stdin?: string;
  /** Columns and lines, for one with a terminal. */
  readonly size?: readonly [number, number];
}

/** Takes part in a streaming exec, as `kubectl exec` does by way of the API server. */
export async function stream(url: string, input: StreamInput): Promise<StreamedExec> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), 'v4.channel.k8s.io');
  const texts = new Map<number, string>();
  socket.on('message', (data: Buffer) => {
    const channel = data[0] ?? -1;
    texts.set(channel, (texts.get(channel) ?? '') + data.subarray(1).toString());
  });
  await once(socket, 'open');
  const send = (channel: number, text: string) =>
    socket.send(Buffer.concat([Buffer.of(channel), Buffer.from(text)]));
  if (input.size !== undefined) {
    const [Width, Height] = input.size;
    send(channels.resize, JSON.stringify({ Width, Height }));
  }
  if (input.stdin !== undefined) send(channels.stdin, input.stdin);
  await once(socket, 'close');
  const text = (channel: keyof typeof channels) => texts.get(channels[channel]) ?? '';
  return { stdout: text('stdout'), stderr: text('stderr'), end: text('error') };
}
