#!/bin/sh
# The system of a guest: what the agent needs, and a shell for the lab on the second serial line. Each line that comes in
# is a command; its exit status, output and errors go back in one line. Scratch files lie on tmpfs, which IMA leaves out.
export PATH=/usr/bin:/bin:/sbin HOME=/run NODE_NO_WARNINGS=1
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t securityfs security /sys/kernel/security
mount -t tmpfs run /run
for disk in /sys/block/vd*; do
  [ "$(cat "$disk/serial")" = state ] && mount -t ext4 "/dev/${disk##*/}" /var/lib/touchstone-agent
done
ip link set lo up
ip address add 10.0.2.15/24 dev eth0
ip link set eth0 up
stty -F /dev/ttyS1 raw -echo
exec < /dev/ttyS1 > /dev/ttyS1
echo '@@ ready'
while read -r command; do
  ( eval "$command" ) > /run/out 2> /run/err < /dev/null
  echo "@@ $? $(base64 -w 0 /run/out)|$(base64 -w 0 /run/err)"
done
