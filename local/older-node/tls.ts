import * as tls from 'node:tls';

// Stands in the place of that module.
export * from 'node:tls';

/** In Node since 22.15; before, only those are known that Node comes with. */
export const getCACertificates: typeof tls.getCACertificates =
  tls.getCACertificates ?? ((kind = 'default') => (kind === 'system' ? [] : [...tls.rootCertificates]));
