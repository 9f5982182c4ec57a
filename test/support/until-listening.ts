// For programs that do not say when they can be reached.
import { connect } from 'node:net';

/** Ten seconds at most. */
export async function untilListening(port: number): Promise<void> {
  for (let look = 0; look < 400; look += 1) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await new Promise((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`nothing listens on port ${port}`);
}
