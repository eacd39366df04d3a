/**
 * The path of a kernel parameter below /proc/sys. As for sysctl(8), the first separator decides:
 * in `net/ipv4/conf/eth0.1/mtu` a dot is part of a name, in `net.ipv4.conf.eth0/1.mtu` a slash
 * stands for such a dot. Undefined for names that would leave their directory.
 */
export function sysctlPath(name: string): string | undefined {
  const [separator] = /[./]/.exec(name) ?? [];
  const path =
    separator === '.' ? name.replace(/[./]/g, (char) => (char === '.' ? '/' : '.')) : name;
  const outside = path.split('/').some((part) => part === '' || part === '.' || part === '..');
  return outside ? undefined : path;
}
