// `touchstone golden propose`, `approve`: signed statements that a server waits for, and the signatures that they lack.
import type { ApiClient } from '../../api/index.ts';
import { counted, printable } from '../../core/encoding/index.ts';
import { statementType } from '../../core/golden/index.ts';
import { gateQuery } from '../command-line.ts';
import { describeBroughtBack, isRefusedRecurrence } from '../views/brought-back-view.ts';
import { connect, type RequestBody, type ServerOptions } from '../connection.ts';
import type { ConsentOptions } from '../changes/confirm.ts';
import { CliError, cliErrors, misuse } from '../errors.ts';
import { readTextInput } from '../files.ts';
import { followLines } from '../follow-lines.ts';
import { readGoldenIds } from '../inputs/golden-id.ts';
import { fetchHeldGolden, type HeldGolden } from '../inputs/held-golden.ts';
import { readSigningKey, signGolden } from '../changes/golden-signing.ts';
import { asRecord } from '../json.ts';
import { notFelt, tellWhenGoldensFelt } from '../changes/next-attestations.ts';
import { sendOneByOne } from '../changes/one-by-one.ts';
import { checkTogether } from '../changes/plan-gate.ts';
import type { Report } from '../report.ts';
import type { Session } from '../session.ts';
import { shortId } from '../inputs/short-id.ts';
import { fetchGoldens, formatGoldens, type Golden } from './golden-record.ts';
import { confirmSigning } from './golden-sign.ts';

export interface ApproveOptions extends ServerOptions, ConsentOptions {
  readonly key: string;
  readonly proposed?: boolean;
  readonly maxFlips?: number;
}

export interface ProposeOptions extends ServerOptions {
  readonly maxFlips?: number;
}

type Envelope = RequestBody<'proposeGoldenMeasurement'>['envelope'];

export async function proposeGoldens(
  session: Session,
  files: readonly string[],
  options: ProposeOptions,
): Promise<Report> {
  const client = connect(session, options);
  const documents = files.map((file) => ({ name: file, document: readEnvelope(file) }));
  const passedOver = documents.filter(({ document }) => isStatement(document)).map(({ name }) => name);
  const envelopes = documents.filter(({ document }) => !isStatement(document));
  if (envelopes.length === 0) {
    throw new CliError(
      'CLI_INPUT_UNRECOGNISED',
      'these statements are not signed yet: `touchstone golden sign` makes envelopes',
    );
  }
  const activate = envelopes.flatMap(({ document }) => statementIn(document));
  await checkTogether(session, client, { ...options, activate });
  const query = gateQuery(options);
  const { refusal, ...sent } = await sendOneByOne(envelopes, ({ name, document }) => {
    // The server checks the envelope against the contract and names what is wrong.
    const body = { envelope: document as Envelope };
    const show = { json: options.json, name: envelopes.length === 1 ? undefined : name };
    return followLines(session, show, client.callLines('proposeGoldenMeasurement', { query, body }));
  });
  return {
    data: { ...sent, passedOver },
    refusal,
    lines: (paper) => [
      ...formatGoldens(paper, sent.items, session.now()),
      ...(passedOver.length === 0
        ? []
        : [paper.tone('dim', `passed over, because not signed: ${counted(passedOver.length, 'statement')}`)]),
    ],
  };
}

/** The operator signs the bytes the server holds, after this side checked that they are the ones the id names. What the server
 * would refuse for what it brings back is not signed. */
export async function approveGolden(
  session: Session,
  ids: readonly string[],
  options: ApproveOptions,
): Promise<Report> {
  const key = readSigningKey(options.key);
  const client = connect(session, options);
  const held: HeldGolden[] = [];
  for (const id of await namedIds(client, ids, options)) held.push(await fetchHeldGolden(client, id));
  const refused = held.filter(({ golden }) => isRefusedRecurrence(golden.bringsBack)).map(({ golden }) => golden);
  const wanted = held
    .filter(({ golden }) => !refused.includes(golden))
    .map(({ golden, payload, statement }) => ({ id: golden.id, payload, untrustedStatement: statement }));
  if (wanted.length > 0) await confirmSigning(session, wanted, options);
  await checkTogether(session, client, { ...options, activate: wanted.map(({ id }) => ({ goldenId: id })) });
  const toSign = wanted.map(({ id, payload }) => ({ name: id, payload }));
  const query = gateQuery(options);
  const { refusal, ...sent } = await sendOneByOne(toSign, ({ name: goldenId, payload }) => {
    const body = signGolden(payload, key);
    const show = { json: options.json, name: toSign.length === 1 ? undefined : shortId(goldenId) };
    return followLines(session, show, client.callLines('signGoldenMeasurement', { path: { goldenId }, query, body }));
  });
  // Where a signature made nothing active, no host feels anything.
  const active = sent.items.filter(({ state }) => state === 'active');
  const felt = active.length > 0 ? await tellWhenGoldensFelt(client, active) : notFelt;
  return {
    data: {
      ...sent,
      ...felt.data,
      leftOut: refused.map(({ id, layer, bringsBack }) => ({ id, layer, bringsBack })),
    },
    lines: (paper) => [
      ...formatGoldens(paper, sent.items, session.now()),
      ...refused.flatMap((golden) => describeBroughtBack(paper, golden)),
      ...felt.lines,
    ],
    refusal: refusal ?? refusalOf(refused),
  };
}

function refusalOf(refused: readonly Golden[]): Report['refusal'] {
  if (refused.length === 0) return undefined;
  const message = `not signed, because they accept again what was revoked: ${refused.map(({ id }) => printable(id)).join(', ')}`;
  return { code: 'CLI_GOLDEN_REVOKED', message, remedy: cliErrors.CLI_GOLDEN_REVOKED.remedy };
}

/** @throws CliError CLI_USAGE_INVALID */
async function namedIds(client: ApiClient, ids: readonly string[], { proposed }: ApproveOptions) {
  if (ids.length > 0 === (proposed === true)) {
    throw misuse('name golden measurements by their ids, or say --proposed');
  }
  if (ids.length > 0) return readGoldenIds(client, ids);
  const waiting = (await fetchGoldens(client)).filter(({ state }) => state === 'proposed');
  if (waiting.length === 0) throw new CliError('CLI_NOTHING_PROPOSED', 'no golden measurement waits for signatures');
  return waiting.map(({ id }) => id);
}

function readEnvelope(file: string): unknown {
  try {
    return JSON.parse(readTextInput(file));
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    throw new CliError('CLI_INPUT_UNRECOGNISED', `${printable(file)} holds no envelope (JSON)`, { cause });
  }
}

/** Of an envelope; what is none the server refuses by its name. */
function statementIn(document: unknown): readonly { readonly statement: string }[] {
  const payload = asRecord(document)?.['payload'];
  return typeof payload === 'string' ? [{ statement: payload }] : [];
}

/** What `golden capture` wrote, still without its envelope: a folder holds both. */
function isStatement(document: unknown): boolean {
  const { _type: type, payloadType } = asRecord(document) ?? {};
  return type === statementType && payloadType === undefined;
}
