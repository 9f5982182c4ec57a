// What a paper host boots, in words; `measureBoot` makes it the events of a TCG log.

/** Each text stands for a build: another text is another build with another digest. */
export interface PaperBoot {
  readonly firmware: string;
  readonly secureBoot: boolean;
  readonly bootLoader: string;
  readonly kernel: string;
  readonly commandLine: string;
  readonly initrd: string;
}

export const ordinaryBoot: PaperBoot = {
  firmware: 'paper-firmware 1.0',
  secureBoot: true,
  bootLoader: 'grub 2.06',
  kernel: 'linux 6.1.0-56',
  commandLine: '/boot/vmlinuz root=/dev/vda2 ro quiet lockdown=integrity',
  initrd: 'initrd 6.1.0-56',
};
