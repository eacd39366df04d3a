import { join } from 'node:path';
import { credentials, makeClientConstructor, type ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { root } from '../../../native/setup/paths.js';
import type { Calls } from './messages.js';

const file = join(root, 'conformance/engines/cri/runtime.proto');
const name = 'runtime.v1.RuntimeService';

/** How long the kubelet waits for most calls. */
const patience = 120_000;

/** Speaks to an engine as the kubelet does. */
export interface KubeletClient {
  call<N extends keyof Calls>(method: N, request: Calls[N][0]): Promise<Calls[N][1]>;
  close(): void;
}

export function connectAsKubelet(socket: string): KubeletClient {
  const types = { keepCase: true, longs: String, enums: String, defaults: true } as const;
  const service = loadSync(file, types)[name] as ServiceDefinition;
  const Client = makeClientConstructor(service, name);
  const client = new Client(`unix:${socket}`, credentials.createInsecure());
  return {
    call: (method, request) =>
      new Promise((resolve, reject) => {
        const { path, requestSerialize, responseDeserialize } = service[method]!;
        const options = { deadline: Date.now() + patience };
        client.makeUnaryRequest(
          path,
          requestSerialize,
          responseDeserialize,
          request,
          options,
          (error, answer) => (error === null ? resolve(answer) : reject(error)),
        );
      }),
    close: () => client.close(),
  };
}
