// Memory that both threads see. What runs now is written there before it runs: if the thread dies of it, or never comes
// back, the main thread still has the bytes.

export interface Screen {
  readonly show: (input: Uint8Array) => void;
  /** Changes with every input. */
  readonly turn: () => number;
  readonly current: () => Uint8Array;
}

const headerBytes = 8;

export function createScreen(maximumLength: number): SharedArrayBuffer {
  return new SharedArrayBuffer(headerBytes + maximumLength);
}

export function openScreen(memory: SharedArrayBuffer): Screen {
  const header = new Int32Array(memory, 0, 2);
  const bytes = new Uint8Array(memory, headerBytes);
  return {
    show: (input) => {
      const shown = input.subarray(0, bytes.length);
      bytes.set(shown);
      Atomics.store(header, 1, shown.length);
      Atomics.add(header, 0, 1);
    },
    turn: () => Atomics.load(header, 0),
    current: () => Uint8Array.from(bytes.subarray(0, Atomics.load(header, 1))),
  };
}
