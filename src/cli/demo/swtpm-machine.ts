// A machine over a real software TPM: the digests of a capture are extended into it, so that quote and log are real and agree.
import { setTimeout as sleep } from 'node:timers/promises';
import { openTpmDevice, pcrExtend, shutdown, type TpmDevice } from '../../agent/index.ts';
import { eventTypes, parseEventLog } from '../../core/event-log/index.ts';
import { akTemplate, attributeBits } from '../../core/tpm/index.ts';
import { parseCertificateBundle } from '../../core/x509/index.ts';
import { encodeUtf8 } from '../../core/encoding/index.ts';
import { DemoError } from './demo-error.ts';
import { capturePath, readCapture, type CaptureName, type DemoMachine } from './machine.ts';
import { startSoftwareTpm, type SoftwareTpm } from './swtpm.ts';

/** Manufactures the TPM in `folder`. The machine is off until its first boot. */
export async function createSwtpmMachine(folder: string, name: string): Promise<DemoMachine> {
  const tpm = await startSoftwareTpm(folder, name);
  let device: TpmDevice | undefined;
  return {
    tpm: 'swtpm',
    get device() {
      if (device === undefined) throw new DemoError('the machine is switched off');
      return device;
    },
    anchors: [tpm.authority.root],
    chain: parseCertificateBundle(encodeUtf8(tpm.authority.intermediate)).map(({ der }) => der),
    boot: async (capture) => {
      if (device !== undefined) await shutdown(device.client);
      await device?.close();
      device = undefined;
      await tpm.powerCycle();
      device = await open(tpm, capture);
      await measure(device, capture);
    },
    unrestrictedKey: async () => {
      await device?.close();
      device = undefined;
      const template = akTemplate('ecc');
      const attributes = template.attributes & ~attributeBits.restricted;
      const other = await openTpmDevice({ ...addressOf(tpm), sleep: wait, akTemplate: { ...template, attributes } });
      try {
        return await other.akPublic();
      } finally {
        await other.close();
        device = await open(tpm, 'good');
      }
    },
    close: async () => {
      await device?.close();
      await tpm.stop();
    },
  };
}

function open(tpm: SoftwareTpm, capture: CaptureName): Promise<TpmDevice> {
  // The machine that runs the demonstration has an IMA list and a log of systemd of its own: nobody's evidence here.
  const logs = { imaLogPath: 'none', userspaceLogPath: 'none' };
  return openTpmDevice({ ...addressOf(tpm), eventLogPath: capturePath(capture), ...logs, sleep: wait });
}

/** What firmware, shim and GRUB did in the captured boot. EV_NO_ACTION extends nothing. */
async function measure(device: TpmDevice, capture: CaptureName): Promise<void> {
  for (const event of parseEventLog(readCapture(capture)).events) {
    if (event.untrustedType !== eventTypes.EV_NO_ACTION) await pcrExtend(device.client, event.pcr, event.digests);
  }
}

function addressOf({ socket }: SoftwareTpm): { readonly address: string } {
  return { address: `unix:${socket}` };
}

async function wait(milliseconds: number): Promise<void> {
  await sleep(milliseconds);
}
