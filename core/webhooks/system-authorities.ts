import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';

let context: SecureContext | undefined;

/** Trusts what the machine trusts, and what Node comes with where that is nothing, as in a function. Made when it is first needed: reading them takes a while. */
export function systemAuthorities(): SecureContext {
  context ??= createSecureContext({ ca: [...new Set([...getCACertificates('default'), ...getCACertificates('system')])], minVersion: 'TLSv1.2' });
  return context;
}
