# Makes the folder $1 the root of this mount and pid namespace and runs the command $2 there.
# pivot_root(2) and not chroot: inside a chroot, a container runtime could not pivot again.
set -e
cd "$1"
mount --bind . .
cd "$1"
mount -t proc proc proc
mount --rbind /sys sys
mount --rbind /dev dev
mkdir host
pivot_root . host
cd /
umount -l host
rmdir host
# Not exec: the first process of a pid namespace has to reap orphans, which a shell does.
sh -c "$2"
