import { podCases } from './pods.js';
import { protectionCases } from './protection.js';
import { workCases } from './work.js';

/** What the kubelet asks of an engine. */
export const kubeletCases = [...podCases, ...workCases, ...protectionCases];
