/** The layers of a boot up to the running system, in order. */
export const bootLayers = [
  'firmware',
  'secure-boot',
  'boot-loader',
  'kernel',
  'kernel-command-line',
  'initrd',
] as const;
