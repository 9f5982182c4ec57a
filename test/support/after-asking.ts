// A store in which something happens while an enrolment is being finished: behind the question for its approval, before the host is bound.
import type { Store } from '../../src/server/storage/index.ts';

/** For `wrapStore`. */
export function afterAskingApproval(act: (store: Store) => Promise<unknown>): (store: Store) => Store {
  return (store) => ({
    ...store,
    askApproval: async (question) => {
      const outcome = await store.askApproval(question);
      await act(store);
      return outcome;
    },
  });
}
