import type { LinuxDevice } from '../../generated/spec-types.js';
import { each, fine, isAbsolute, type Rule, wrong } from './rule.js';

const section = 'config-linux.md#devices';
const ruleSection = 'config-linux.md#allowed-device-list';

/** The kernel's MINORBITS: a device number has 12 bits for major and 20 for minor. */
const highest = { major: 0xfff, minor: 0xfffff } as const;
const numbers = ['major', 'minor'] as const;

const paths: Rule = ({ linux }) =>
  each(linux?.devices, ({ path }, i) =>
    isAbsolute(path) && path !== '/'
      ? fine
      : wrong(`/linux/devices/${i}/path`, path, 'an absolute path', section),
  );

const deviceNumbers: Rule = ({ linux }) =>
  each(linux?.devices, (device, i) =>
    numbers.flatMap((field) =>
      isNumbered(device, field)
        ? fine
        : wrong(
            `/linux/devices/${i}/${field}`,
            device[field],
            `0 to ${highest[field]} for a device of type ${device.type}`,
            section,
          ),
    ),
  );

function isNumbered(device: LinuxDevice, field: 'major' | 'minor'): boolean {
  const value = device[field];
  if (device.type === 'p') return true;
  return value !== undefined && value >= 0 && value <= highest[field];
}

const access: Rule = ({ linux }) =>
  each(linux?.resources?.devices, ({ access = '' }, i) =>
    /^[rwm]*$/.test(access)
      ? fine
      : wrong(`/linux/resources/devices/${i}/access`, access, 'any of r, w and m', ruleSection),
  );

/** -1 is how Go programs write "all". */
const ruleNumbers: Rule = ({ linux }) =>
  each(linux?.resources?.devices, (rule, i) =>
    numbers.flatMap((field) =>
      (rule[field] ?? 0) >= -1
        ? fine
        : wrong(
            `/linux/resources/devices/${i}/${field}`,
            rule[field],
            'a device number, or -1 for all',
            ruleSection,
          ),
    ),
  );

export const deviceRules: readonly Rule[] = [paths, deviceNumbers, access, ruleNumbers];
