# The process of the demonstration's container: tells what it can see from the inside.
# HOST_NAMESPACES holds the host's links, as in /proc/self/ns.

own='' shared=''
for path in /proc/self/ns/*; do
  name=${path##*/}
  link=$(readlink "$path")
  case $name:" $HOST_NAMESPACES " in
    *_for_children:*) ;;
    *" $link "*) shared="$shared $name" ;;
    *) own="$own $name" ;;
  esac
done

# limit FILE-OF-V1 FILE-OF-V2: what the first that exists says
limit() {
  for file in "$@"; do
    [ -r "/sys/fs/cgroup/$file" ] && { echo $(cat "/sys/fs/cgroup/$file"); return; }
  done
  echo 'not to be seen'
}

quota=$(limit cpu/cpu.cfs_quota_us cpu.max)
period=$(limit cpu/cpu.cfs_period_us cpu.max)

echo "Hello from a container: I am pid $$ on the host that calls itself $(hostname)."
echo "  uid                    $(id -u)"
echo "  namespaces of my own  $own"
echo "  shared with the host  ${shared:- none}"
echo "  memory limit           $(limit memory/memory.limit_in_bytes memory.max) bytes"
echo "  pids limit             $(limit pids/pids.max pids.max)"
echo "  cpu quota              ${quota%% *} of every ${period##* } microseconds"
