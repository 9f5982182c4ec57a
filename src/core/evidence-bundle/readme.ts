/** Lies in every bundle: the only document that whoever opens the file is sure to have. */
export const readmeText = `This is a Touchstone evidence bundle: everything behind one verdict about one host.

Check it, without the server and without a network:

  touchstone verify evidence FILE.tar
  touchstone verify evidence FILE.tar --jwks KEYS --anchors DIR --signers FILE

The first form trusts what the bundle itself says was trusted. The second takes your own copy of the
server's keys, of the roots of TPM makers, and of the keys of those who approve golden measurements.

  manifest.json, manifest.jws   every file with its SHA-256, signed by the server that made the bundle
  verdict/                      the verdict, the server's word on the host at the export, and that as a token (EAR)
  attestation.json              the challenge (nonce), the boot before, labels, which policy applied
  evidence/                     what the host sent: quote.msg and quote.sig (TPMS_ATTEST, TPMT_SIGNATURE),
                                PCR values, event log, IMA list, systemd's log
  host/                         the record of its enrolment: keys (TPM2B_PUBLIC), certificates, who vouched
  trust/                        roots, authorities, revocation lists, golden measurements and deny lists with
                                their signatures, who may sign them, the policy, break-glass
  history.json                  who had set the host aside, and what of the trust has ended since
  audit/                        entries of the server's audit log about all that, each with its path to the root
                                of a Merkle tree over the whole log (RFC 9162), and that root signed
  server/jwks.json              public keys of the server

The quote can be looked at with other tools:

  tpm2_print -t TPMS_ATTEST evidence/quote.msg
  tpm2_eventlog evidence/event-log.bin
  openssl x509 -in host/ek-certificate.pem -noout -text

No file here is secret: there are no tokens of access and no private keys.
`;
