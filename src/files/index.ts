// The file system, for whoever touches it: what agent, controller, server and cli would else each write for themselves.
export { makeFolder } from './make-folder.ts';
export { systemReason } from './system-reason.ts';
