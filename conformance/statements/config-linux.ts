import { statementsOf } from './statement.js';

export const configLinux = statementsOf('config-linux.md', {
  'Default Filesystems': [
    [
      'SHOULD',
      '1bfd3987525b',
      'A container can have proc, sysfs, devpts and a tmpfs for shared memory at their usual places.',
    ],
  ],
  Namespaces: [
    ['SHOULD', '50d0a1177e28', 'Namespaces of all eight types of the kernel can be asked for.'],
    ['MUST', 'c7f4842d5e1f', 'The path of a namespace is absolute.'],
    [
      'MUST',
      '4e305902f1e2',
      'With a path, the container’s process is a member of the namespace that is found there.',
    ],
    ['MUST', 'ad57252b198d', 'A path at which there is no namespace of the type is an error.'],
    ['MUST', '7da9ed6b622c', 'Without a path, the container gets a new namespace of the type.'],
    [
      'MUST',
      '4d0fd84b69ff',
      'Of a type that is not listed, the container has the namespace in which the runtime was called.',
    ],
    ['MUST', 'c12eaa640529', 'To list two namespaces of one type is an error.'],
  ],
  'User namespace mappings': [
    ['SHOULD NOT', 'da7947393274', 'To map ids, files do not get other owners.'],
  ],
  Devices: [
    ['MUST', '749c694ba910', 'Every device that is listed exists in the container.'],
    ['MUST', '0f761d524d91', 'Something else where a device is to be is an error.'],
    [
      'SHOULD NOT',
      'f5a30c3872bc',
      'No device is listed under two paths.',
      'It tells who writes a configuration what to avoid; a runtime does nothing wrong if it supplies both.',
    ],
  ],
  'Default Devices': [
    ['MUST', '114f77c3599d', 'The usual devices exist in the container without being listed.'],
  ],
  'Network Devices': [
    [
      'MUST',
      '8071db2e66a6',
      'Every network device that is named is in the container’s network namespace.',
    ],
    ['MUST', '46dba2c048ec', 'Whether a network device can be moved is found out.'],
    ['MUST', '8202d9e64f29', 'A name that another device there has is an error.'],
    [
      'MUST',
      'ecf6c0ca3090',
      'With a template in place of a name, the device gets one that is free.',
    ],
    [
      'MUST',
      'af57b1420765',
      'A moved device keeps its attributes and its permanent global addresses.',
    ],
    ['MUST', '94217e461388', 'A moved device is up.'],
  ],
  'Namespace Lifecycle and Container Termination': [
    [
      'MUST NOT',
      '7aac63ed1541',
      'What becomes of a moved device in the container’s network namespace is not the runtime’s business.',
    ],
    ['MUST NOT', '48bedb09972e', 'A moved device is not taken back.'],
  ],
  'Control groups': [
    ['MUST', '5e1a5e315e4f', 'A cgroup that is found unfit for a container is an error.'],
  ],
  'Cgroups Path': [
    ['MUST', '18685646afec', 'cgroupsPath may be absolute or relative.'],
    ['MUST', '75da94f138a6', 'An absolute cgroupsPath counts from where cgroups are mounted.'],
    ['MUST', '5800cc287dbe', 'One value of cgroupsPath always leads to one place.'],
    ['MUST', '99ea472644e0', 'A cgroupsPath that the runtime holds to be invalid is an error.'],
  ],
  'Cgroup ownership': [
    ['SHOULD NOT', '5fa4839542d7', 'Cgroups of v1 are not given to other owners.'],
    ['SHOULD NOT', 'b66c2c2afc5f', 'Without a new cgroup namespace, the cgroup keeps its owner.'],
    [
      'SHOULD',
      'a6b556f7d5aa',
      'The cgroup is given to the user of the process exactly if it is mounted for writing.',
    ],
    ['SHOULD NOT', 'f41d8f6a8419', 'A cgroup that is not mounted for writing keeps its owner.'],
    [
      'SHOULD',
      'a087adc0e98a',
      'Besides the directory only those of its files are given away that the kernel lists for that.',
    ],
    [
      'MUST NOT',
      '88f02e189c49',
      'Listed files that a cgroup does not have do no harm, and the others are given away.',
    ],
    ['MUST', 'b2fa10f32de0', 'Without the kernel’s list, a fixed list of three files holds.'],
    ['SHOULD NOT', 'cfaaa31c5b79', 'No other file of the cgroup gets another owner.'],
  ],
  'Allowed Device list': [['MUST', '3bde71c51a14', 'Rules about devices work in their order.']],
  Memory: [
    ['MUST', 'ad8a111c9dc6', 'A limit below what is in use is refused if that is to be checked.'],
  ],
  CPU: [
    ['MUST', '0301c8c238ef', 'A quota is at least as large as the burst.'],
    ['MUST', '0bc0712ac475', 'A burst is at most as large as the quota.'],
  ],
  'Block IO': [['MUST', '8ec38a53a357', 'A weight of a device comes with one value at least.']],
  PIDs: [['SHOULD', '15034321de1f', 'A limit of no processes at all is taken as such.']],
  RDMA: [['MUST', 'b301b8175c04', 'A limit of an RDMA device comes with one value at least.']],
  Unified: [
    [
      'MUST',
      'a3aabf7bb672',
      'The controllers that values of cgroup v2 are for are enabled in the container’s cgroup.',
    ],
    [
      'MUST',
      'b12a5b10cf56',
      'Values of cgroup v2 reach their files even if the runtime knows nothing of these.',
    ],
    ['MUST', '13a21533b288', 'A value of cgroup v2 for a controller that is missing is an error.'],
  ],
  Example: [
    [
      'MUST',
      'a2834bfd32fd',
      'A value of cgroup v1 for which cgroup v2 has nothing is an error on it.',
    ],
  ],
  IntelRdt: [
    ['MUST', '4dc244675308', 'The container’s process goes into a group of resctrl.'],
    ['MUST', '08c5e3f755c0', 'intelRdt without a mounted resctrl is an error.'],
    ['MUST NOT', '67e57e8484d5', 'Without intelRdt, resctrl is left alone.'],
    ['MUST', '37858c3c6379', 'The group of the name / is the root of resctrl.'],
    ['SHOULD', '41f94950f46e', 'l3CacheSchema is one line, about the cache.'],
    ['MUST', '755bc8b94324', 'memBwSchema is one line, about bandwidth.'],
    ['MUST NOT', '9bcf13d65c30', 'Each element of schemata is one line.'],
    ['MUST', 'e64db37349f7', 'The rules about the fields of intelRdt hold.'],
    [
      'MUST',
      '3843809da750',
      'Allocations of cache and of bandwidth are both written for the group.',
    ],
    [
      'MUST',
      '1783ade7a209',
      'Of both, the one of the cache is written first.',
      'Both go into one file and are about different resources: nothing that can be seen afterwards tells in which order they were written.',
    ],
    ['MUST', 'e94e7f5a166b', 'An allocation that stands alone is written for the group.'],
    ['MUST', 'cc46dc957bab', 'The lines of schemata are written for the group.'],
    ['MUST NOT', '788c0ed145eb', 'Without any allocation, no schemata file is written.'],
    [
      'MUST',
      '010a721a7821',
      'Without closID there is a group that has the container’s id as its name.',
    ],
    [
      'MUST',
      '30be334a54e3',
      'A named group that is missing is made if it is told what it should be.',
    ],
    ['MUST', 'a21a9617caf4', 'A named group that is there and has another allocation is an error.'],
    [
      'MUST',
      'f6b1cce91470',
      'Of a named group without allocations it is found out whether it is there.',
    ],
    [
      'MUST',
      '9e624f7ec642',
      'A named group without allocations is used if it is there, and otherwise an error.',
    ],
    ['MUST', '552071b0ac32', 'A group that the runtime has named itself goes with the container.'],
    [
      'MUST NOT',
      'a0e69ff059ae',
      'A group that others have named stays when the container is deleted.',
    ],
    ['MUST', 'e7ab6092124b', 'A container that is to be monitored gets a group for that.'],
    [
      'MUST',
      'f49a64890fa4',
      'The monitoring group has the container’s id as its name, below the container’s group.',
    ],
    ['MUST', 'cf8253053d0a', 'The monitoring group goes with the container.'],
    ['MUST', '504515c5a378', 'A monitoring group that cannot be made is an error.'],
  ],
  Seccomp: [
    ['MUST', '8a82cad1ffa0', 'A default errno for an action that has none is an error.'],
    ['MUST', '8dff08561412', 'What listens for seccomp is a stream socket of the Unix domain.'],
    ['MUST', '8638751360c8', 'A connection to it carries one state.'],
    [
      'MUST NOT',
      '2c50b0963b22',
      'A connection to it is closed when the state was sent, and not used again.',
    ],
    ['MUST', '6c2bc47f4341', 'A state that cannot be sent is an error.'],
    [
      'MUST NOT',
      '19e16922d239',
      'Data for who listens come only together with the path of the socket.',
    ],
    ['MUST', 'bec9022db2a7', 'A rule has at least one name of a system call.'],
    ['MUST', '8a82cad1ffa0', 'An errno of a rule for an action that has none is an error.'],
  ],
  'The Container Process State': [
    [
      'MUST',
      '625500240aab',
      'The state is JSON in the ordinary payload, and descriptors come beside it.',
    ],
    ['MUST', 'd1a0691667e4', 'Descriptors come with the first message.'],
  ],
  'Masked Paths': [['MUST', '0ec0cbe08852', 'Masked paths are absolute.']],
  'Readonly Paths': [['MUST', '0ec0cbe08852', 'Read-only paths are absolute.']],
});
