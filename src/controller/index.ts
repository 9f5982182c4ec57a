// Controllers: they keep what a platform says of its members in step with what Touchstone says of its hosts.
export { ControllerError, controllerErrors } from './errors.ts';
export { bringInStep, keepInStep } from './keep-in-step.ts';
export { orAborted, pauseUnlessWaited } from './patience.ts';
export { createPlatformHttp } from './platform-http.ts';
export type { Clock, Member, Platform, Standing } from './platform.ts';
export type { ControllerEvent, ControllerOptions } from './options.ts';
export type { Demands } from './trust-book.ts';
export { kubernetesOptions, readAccess } from './kubernetes/credentials.ts';
export { createLease, type Lease } from './kubernetes/lease.ts';
export type { HostNaming, TaintEffect } from './kubernetes/node-marks.ts';
export { createNodePlatform } from './kubernetes/nodes.ts';
export { readCloud, type Cloud } from './openstack/cloud.ts';
export { createHostNames, type ProviderNaming } from './openstack/host-names.ts';
export { createPlacementAccess } from './openstack/keystone.ts';
export { createPlacement } from './openstack/placement.ts';
export { createProviderPlatform } from './openstack/providers.ts';
