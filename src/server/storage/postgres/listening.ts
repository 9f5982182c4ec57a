// Hearing that another replica appended to the audit log: by NOTIFY, and by looking now and then, for whatever swallows one.
import type { Client } from 'pg';

const lookEveryMs = 5_000;
const againAfterMs = 1_000;

/** Calls `tell` until `stop`. A lost connection is made again. */
export function listenForAudit(connect: () => Client, tell: () => void): { stop(): Promise<void> } {
  let isStopped = false;
  let client: Client | undefined;
  let again: NodeJS.Timeout | undefined;
  const looking = setInterval(tell, lookEveryMs).unref();
  const start = (): void => {
    const own = connect();
    client = own;
    const restart = (): void => {
      if (isStopped || client !== own) return;
      client = undefined;
      void end(own);
      again = setTimeout(start, againAfterMs).unref();
    };
    own.on('error', restart);
    own.on('end', restart);
    own.on('notification', tell);
    own
      .connect()
      .then(() => own.query('LISTEN touchstone_audit'))
      .then(tell, restart);
  };
  start();
  return {
    stop: async () => {
      isStopped = true;
      clearInterval(looking);
      clearTimeout(again);
      if (client !== undefined) await end(client);
    },
  };
}

async function end(client: Client): Promise<void> {
  try {
    await client.end();
  } catch {
    // It was over already.
  }
}
