import type { Cause } from '../../core/apis/logplane/change.ts';
import { laidOut, type Row, wrapped } from '../columns.ts';
import { styled, type Terminal } from '../terminal.ts';
import { actorOf, seconds, whatOf } from './changes.ts';
import type { Reasons } from './reasons.ts';
import type { Why } from './why.ts';

/** Why an object is there and as it is, for people. */
export function whyTable({ object, state, scheduling, created, lastChange }: Why, terminal: Pick<Terminal, 'columns' | 'colours'>): string[] {
  const { columns } = terminal;
  const title = (text: string) => styled(terminal, 'bold', text);
  const lines = [`${title(object.name)}${object.namespace === undefined ? '' : ` -n ${object.namespace}`}  ${stateOf(state, terminal)}`];
  if (state && state.reasons.length > 0) {
    const rows = state.reasons.map(({ of, reason, message }): Row => [reason, of === undefined ? message : `${of}: ${message}`]);
    lines.push(...laidOut(rows, { columns, indent: 2 }));
  }
  if (scheduling) {
    const rows = scheduling.nodes.slice(0, MOST_NODES).map(({ node, feasible, reasons }): Row => [node, feasible ? 'has room now' : reasons]);
    const more = scheduling.nodes.length - rows.length;
    lines.push('', title(`Why pod/${scheduling.pod} has no node`), ...laidOut(rows, { columns, indent: 2 }));
    if (scheduling.nodes.length === 0) lines.push('  there are no nodes');
    if (more > 0) lines.push(`  ${more} more nodes: -o json shows them`);
  }
  if (created) lines.push('', title('Why it is there'), ...chain(created, columns));
  else lines.push('', ...wrapped('When it was created is no longer in the log.', columns ?? Number.POSITIVE_INFINITY));
  if (lastChange) lines.push('', title(lastChange[0]?.type === 'DELETED' ? 'Why it is gone' : 'Its last change'), ...chain(lastChange, columns));
  return lines;
}

const MOST_NODES = 20;

function stateOf(state: Reasons | undefined, terminal: Pick<Terminal, 'colours'>): string {
  if (!state) return styled(terminal, 'dim', 'is gone');
  const { ready, wanted } = state;
  if (ready >= wanted && state.reasons.length === 0) return styled(terminal, 'green', wanted > 1 ? `✔ ${ready}/${wanted} ready` : '✔ ready');
  return styled(terminal, 'red', wanted > 1 ? `✘ ${ready}/${wanted} ready` : '✘ not ready');
}

/** From the change down to the request. */
const chain = (causes: readonly Cause[], columns: number | undefined): string[] =>
  laidOut(
    causes.map((cause, i): Row => {
      const { offset, time, object = '', actor = '' } = cause;
      const isRequest = i === causes.length - 1 && i > 0;
      return [
        `${i === 0 ? ' ' : '←'} ${offset}`,
        time === undefined ? '' : seconds(time),
        object,
        `${whatOf(cause)}${actor ? ` by ${actorOf(actor)}` : ''}${isRequest ? ' (the request)' : ''}`,
      ];
    }),
    { columns, indent: 2 },
  );
