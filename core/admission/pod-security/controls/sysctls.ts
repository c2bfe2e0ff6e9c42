import type { Check, Control } from '../control.ts';

const allowing =
  (allowed: readonly string[]): Check =>
  ({ spec }) => {
    const bad = (spec.securityContext?.sysctls ?? []).filter(({ name }) => !allowed.includes(name)).map(({ name }) => name);
    return bad.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: bad.join(', ') };
  };

const SINCE_0 = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
];
const SINCE_27 = [...SINCE_0, 'net.ipv4.ip_local_reserved_ports'];
const SINCE_29 = [...SINCE_27, 'net.ipv4.tcp_keepalive_time', 'net.ipv4.tcp_fin_timeout', 'net.ipv4.tcp_keepalive_intvl', 'net.ipv4.tcp_keepalive_probes'];
const SINCE_32 = [...SINCE_29, 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem'];

/** Only parameters of the kernel that each pod has for itself. */
export const sysctls: Control = {
  id: 'sysctls',
  level: 'baseline',
  versions: [
    { since: 0, check: allowing(SINCE_0) },
    { since: 27, check: allowing(SINCE_27) },
    { since: 29, check: allowing(SINCE_29) },
    { since: 32, check: allowing(SINCE_32) },
  ],
};
