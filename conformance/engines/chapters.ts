import { ctrCases } from './containerd/cases.js';
import { kubeletCases } from './cri/cases.js';
import { dockerCases } from './docker/cases.js';
import type { Chapter } from './lib/document.js';
import { userCases } from './podman/cases.js';
import { rootCases } from './podman/root.js';

/** Every engine with its cases, in the order of docs/engines.md. */
export const chapters: readonly Chapter[] = [
  { engine: 'Docker', cases: dockerCases },
  { engine: 'containerd', cases: ctrCases },
  { engine: 'kubelet (CRI)', cases: kubeletCases },
  { engine: 'Podman as root', cases: rootCases },
  { engine: 'Podman as an ordinary user', cases: userCases },
];
