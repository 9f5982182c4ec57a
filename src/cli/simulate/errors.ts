// What can keep a simulation from running, and what it can find.
import type { ErrorTable } from '../../core/error-table.ts';

export const simulationErrors = {
  CLI_OWN_SERVER_FAILED: {
    cause: 'The server that a command starts for itself could not be made or did not start.',
    remedy: 'Read the message. Is there room in the temporary folder, and does `touchstone server init` work?',
  },
  CLI_SIMULATION_TARGET_REFUSED: {
    cause:
      'The server was not shown to be one for tests: it was not named twice, it does not believe the simulator, or other ' +
      'hosts live there. Nothing was done. Exit status 2.',
    remedy: 'Run `touchstone simulate` without --server, or do what the message says: docs/simulate.md has the steps.',
  },
  CLI_SIMULATION_UNTRUSTED: {
    cause: 'A simulated host that is honest was not trusted before the load began, so nothing could be measured.',
    remedy:
      'Give the keys of operators with --operator-key, as many as golden measurements need, and apply a policy for hosts with the label simulated=true.',
  },
  CLI_SIMULATION_UNSOUND: {
    cause: 'The server did not treat every simulated host as it should have: the counts say which way.',
    remedy: 'Read the reasons below the counts. Lost hosts: look into the log of the server, and lower the load.',
  },
  CLI_SIMULATION_INTERRUPTED: {
    cause: 'The simulation was ended by a signal. What was counted until then is shown.',
    remedy: 'Run it again, shorter: --duration, --attestations or fewer --hosts.',
  },
} as const satisfies ErrorTable;
