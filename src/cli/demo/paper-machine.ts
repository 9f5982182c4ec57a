// A machine on paper, where no software TPM can be had: real keys and structures, no TPM. Labelled `simulated`.
import { encodePem } from '../../core/encoding/index.ts';
import { createPaperHost, createSimulatorAuthority } from '../../simulator/index.ts';
import { readCapture, type DemoMachine } from './machine.ts';

export function createPaperMachine(name: string, at: Date): DemoMachine {
  const authority = createSimulatorAuthority({ at, seed: name });
  const host = createPaperHost({ name, authority, eventLog: readCapture('good') });
  return {
    tpm: 'simulated',
    device: host,
    anchors: [encodePem('CERTIFICATE', authority.rootCertificate)],
    chain: [],
    boot: (capture) => {
      host.reboot({ eventLog: readCapture(capture) });
      return Promise.resolve();
    },
    unrestrictedKey: () => createPaperHost({ name, authority, tampering: ['unrestricted-ak'] }).akPublic(),
    close: () => host.close(),
  };
}
