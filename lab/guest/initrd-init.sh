#!/bin/busybox sh
# The first program of a guest: loads the drivers of its disks and starts the system on the disk called "system".
/bin/busybox mkdir -p /proc /sys /dev /system
/bin/busybox mount -t sysfs sys /sys
/bin/busybox mount -t devtmpfs dev /dev
while read -r module; do /bin/busybox insmod "/modules/$module"; done < /modules.order
for attempt in 1 2 3 4 5 6 7 8 9 10; do
  for disk in /sys/block/vd*; do
    [ "$(/bin/busybox cat "$disk/serial")" = system ] && device=/dev/${disk##*/}
  done
  [ -n "$device" ] && break
  /bin/busybox sleep 1
done
/bin/busybox mount -t ext4 -o ro "$device" /system
/bin/busybox umount /sys
/bin/busybox mount -o move /dev /system/dev
exec /bin/busybox switch_root /system /sbin/init
