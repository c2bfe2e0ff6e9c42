import { GROUP } from '../../apis/logplane/own-resource.ts';
import { readWhen, type When } from '../../apis/logplane/when.ts';
import { badRequest } from '../../kube/status.ts';
import type { Offset } from '../../log/event.ts';
import { methodNotAllowed } from '../answers/failures.ts';
import { offsetOf, stateFor } from '../request/reading.ts';
import { isTrue } from '../request/request-info.ts';
import { exportAudit } from './audit-lines.ts';
import type { ExportCall } from './export-call.ts';
import { exportManifests } from './manifests.ts';

/**
 * `GET /apis/logplane.dev/v1/[namespaces/NAME/]export?format=`: a cluster, or a namespace of it, in a form that other tools read. Permitted to those who may list `export`; of it they are given
 * what they may list, or get, of each resource.
 *
 * `audit`: what changed from `from` to `to` as `audit.k8s.io/v1` Events, one a line. `yaml`: what there was at `at` as manifests; Secrets with `secrets=true`. Each moment is an offset, a time or
 * a bookmark. Undefined for other requests. Throws 400, 404 (no such bookmark), 405, 410 (no longer kept), 504 (an offset that is not there yet).
 */
export function exported(call: ExportCall): Promise<Response> | undefined {
  const { group, version, resource, name } = call.info;
  return group === GROUP && version === 'v1' && resource === 'export' && name === undefined ? answer(call) : undefined;
}

async function answer(call: ExportCall): Promise<Response> {
  if (call.info.verb !== 'list') throw methodNotAllowed();
  const { offset: end } = await stateFor(call, { atLeast: undefined });
  const format = call.query.get('format');
  switch (format) {
    case 'audit':
      return exportAudit(call, { from: await momentIn(call, 'from'), to: Math.min((await momentIn(call, 'to')) ?? end, end) });
    case 'yaml':
      return exportManifests(call, { at: Math.min((await momentIn(call, 'at')) ?? end, end), secrets: isTrue(call.query.get('secrets')) });
    default:
      throw badRequest(`format: Invalid value: ${JSON.stringify(format ?? '')}: must be "audit" or "yaml"`);
  }
}

async function momentIn(call: ExportCall, name: string): Promise<Offset | undefined> {
  const text = call.query.get(name);
  if (text === null) return undefined;
  const when: When | undefined = readWhen(text);
  if (!when) throw badRequest(`${name}: Invalid value: ${JSON.stringify(text)}: must be a resourceVersion, an RFC 3339 time, or the name of a bookmark`);
  // What is from a time on begins behind all that was before it.
  if (name === 'from' && 'time' in when) return (await offsetOf({ time: (when.time - 1) as typeof when.time }, call)) + 1;
  return offsetOf(when, call);
}
