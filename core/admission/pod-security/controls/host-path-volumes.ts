import type { Check, Control } from '../control.ts';
import { counted } from '../wording.ts';

const check: Check = ({ spec }) => {
  const bad = (spec.volumes ?? []).filter(({ hostPath }) => hostPath).map(({ name }) => name);
  return bad.length === 0 ? undefined : { reason: 'hostPath volumes', detail: counted('volume', bad) };
};

/** No volumes of the node's own files. */
export const hostPathVolumes: Control = { id: 'hostPathVolumes', level: 'baseline', versions: [{ since: 0, check }] };
