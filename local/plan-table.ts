import type {
  ChangedObject,
  EvictedPods,
  FieldDifference,
  KilledContainers,
  KindChanges,
  ObjectName,
  PlanStatus,
  StuckObject,
  StuckReason,
  UnscheduledPods,
  Warned,
} from '../core/apis/logplane/plan-status.ts';
import { laidOut, type Row, wrapped } from './columns.ts';

/** What a plan comes to, for people: what is not well comes last, where they look first. */
export function planTable(status: PlanStatus, columns: number): string {
  const { result, message, duration, ended, resourceVersion } = status;
  const sections = [
    section('Applied', applied(status)),
    section('Then, by controllers', controllers(status)),
    section('Nodes', nodes(status)),
    section('Events', eventRows(status)),
    section('Evicted', status.evictions.map(evicted)),
    section(
      'Not known',
      status.unknowns.map(({ about, message }) => [words(about), message]),
    ),
    section(
      'Refused to controllers',
      status.refusals.map(({ actor, owner, namespace, count, message }) => [`${times(count)}${owner ?? actor}${inNamespace(namespace)}`, message]),
    ),
    section('Out of memory', status.outOfMemory.map(killed)),
    section(
      'Disruption budgets in the way',
      status.disruptionBudgets.map(({ name, namespace, message, pods }) => [`${name}${inNamespace(namespace)}`, `${message} (${some(pods, pods.length)})`]),
    ),
    section('Without a node', status.unscheduled.flatMap(unscheduled)),
    section('Not ready', status.stuck.flatMap(stuck)),
  ];
  const verdict = `${MARKS[result]} ${VERDICTS[result]}: ${message}.`;
  const when = `${ENDS[ended]} after ${duration}, from resourceVersion ${resourceVersion} on.`;
  return [
    ...sections.flatMap(({ title, rows }) => (rows.length > 0 ? [title, ...laidOut(rows, { columns, indent: 2 }), ''] : [])),
    ...wrapped(verdict, columns),
    when,
    '',
  ].join('\n');
}

const MARKS = { Succeeds: '✔', Fails: '✘', Unfinished: '?' };
const VERDICTS = { Succeeds: 'This would go well', Fails: 'This would fail', Unfinished: 'This comes to no end' };
const ENDS: Readonly<Record<PlanStatus['ended'], string>> = {
  Settled: 'Nothing is waited for any more',
  AtRest: 'Nothing moves any more',
  Horizon: 'As far as was asked,',
  RanAway: 'Ended early,',
};

interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
}

const section = (title: string, rows: readonly Row[]): Section => ({ title, rows });

function applied({ applied: { created, changed, deleted, unchanged, refused } }: PlanStatus): Row[] {
  const rowsOf = (what: string, objects: readonly Warned[]) =>
    objects.flatMap((of): Row[] => [[what, named(of), ''], ...(of.warnings ?? []).map((text) => ['', '', `Warning: ${text}`])]);
  return [
    ...rowsOf('created', created),
    ...changed.flatMap((of) => changedRows(of)),
    ...rowsOf('deleted', deleted),
    ...(unchanged.length > MOST_UNCHANGED ? [['unchanged', `${unchanged.length} objects`, '']] : rowsOf('unchanged', unchanged)),
    ...refused.map((of) => ['✘ refused', named(of), of.message]),
  ];
}

const MOST_UNCHANGED = 5;

function changedRows(of: ChangedObject): Row[] {
  const [first = '', ...others] = [...of.fields.map(difference), ...(of.warnings ?? []).map((text) => `Warning: ${text}`)];
  return [['changed', named(of), first], ...others.map((text) => ['', '', text])];
}

const difference = ({ path, before, after }: FieldDifference): string =>
  before === undefined ? `${path} becomes ${after}` : after === undefined ? `${path} goes, was ${before}` : `${path} ${before} → ${after}`;

function controllers({ controllers: { created, changed, deleted, cameAndWent } }: PlanStatus): Row[] {
  const rowsOf = (what: string, kinds: readonly KindChanges[]) => kinds.map(({ kind, count, names }) => [what, `${count} ${kind}`, some(names, count)]);
  return [...rowsOf('created', created), ...rowsOf('changed', changed), ...rowsOf('deleted', deleted), ...rowsOf('came and went', cameAndWent)];
}

function nodes({ nodes: { added, removed, lost } }: PlanStatus): Row[] {
  const rowOf = (what: string, names: readonly string[]) => (names.length > 0 ? [[what, `${names.length}`, some(names, names.length)]] : []);
  return [...rowOf('added', added), ...rowOf('removed', removed), ...rowOf('lost', lost)];
}

const evicted = ({ reason, message, count, pods, after }: EvictedPods): Row => [`${count} after ${after}`, reason, `${message} (${some(pods, count)})`];

const killed = ({ owner, namespace, container, count, pods, after, before }: KilledContainers): Row => [
  `${mark(before)}${times(count)}${owner}${inNamespace(namespace)}`,
  `container ${container} is killed for its memory, first after ${after} (${some(pods, pods.length)})${before ? ' (as before)' : ''}`,
];

function eventRows({ events = [], moreEvents = 0 }: PlanStatus): Row[] {
  const rows = events.map((event) => [
    event.first,
    event.type,
    event.reason,
    named(event),
    `${event.message}${event.count > 1 ? ` (${event.count} times)` : ''}`,
  ]);
  return moreEvents > 0 ? [...rows, ['', '', '', `and ${moreEvents} more`, '']] : rows;
}

function unscheduled({ owner, namespace, count, message, nodes, moreNodes = 0, before }: UnscheduledPods): Row[] {
  const rows = nodes.slice(0, MOST_NODES).map(({ node, reasons }) => [`    ${node}`, reasons.length > 0 ? reasons.join(', ') : 'has room now']);
  const more = nodes.length - rows.length + moreNodes;
  const what = `${mark(before)}${times(count)}${owner}${inNamespace(namespace)}`;
  return [[what, message], ...rows, ...(more > 0 ? [[`    ${more} more nodes`, '']] : [])];
}

const MOST_NODES = 10;

function stuck(of: StuckObject): Row[] {
  const [first = '', ...others] = of.reasons.map(why);
  return [
    [`${mark(of.before)}${named(of)}`, `${of.ready}/${of.wanted}`, `${first}${of.before ? ' (as before)' : ''}`],
    ...others.map((text) => ['', '', text]),
  ];
}

const mark = (before: true | undefined): string => (before ? '  ' : '✘ ');

const why = ({ reason, message, pods, pod }: StuckReason): string =>
  `${pods === undefined ? '' : `${pods === 1 ? `pod ${pod}` : `${pods} pods, as ${pod}`}: `}${reason}: ${message}`;

const named = ({ kind, name, namespace }: ObjectName): string => `${kind.toLowerCase()}/${name}${inNamespace(namespace)}`;

const inNamespace = (namespace: string | undefined): string => (namespace ? ` -n ${namespace}` : '');

const times = (count: number): string => (count === 1 ? '' : `${count} × `);

const words = (name: string): string => name.replace(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`);

function some(names: readonly string[], count: number): string {
  const shown = names.slice(0, 3);
  return count > shown.length ? `${shown.join(', ')} and ${count - shown.length} more` : shown.join(', ');
}
