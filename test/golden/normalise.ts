/**
 * Takes out of a client's output what differs from run to run: times, ages, uids, random suffixes, addresses. What is left must be the
 * same every time, and the same as against any other Kubernetes cluster of this version.
 */
export function normalise(text: string): string {
  const out: string[] = [];
  let table: string[] = [];
  const flush = () => {
    out.push(...laidOut(table));
    table = [];
  };
  for (const line of text.split('\n')) {
    if (GIVEN_UP.test(line)) continue;
    if (isHeader(line)) {
      flush();
      table.push(line);
    } else if (table.length > 0 && belongs(line, table[0]!)) {
      table.push(line);
    } else {
      flush();
      out.push(plain(line).trimEnd());
    }
  }
  flush();
  return out.join('\n');
}

/** What client-go logs when its user ends a watch in the middle of an event, which is a matter of chance. */
const GIVEN_UP = /^[IWE]\d{4} .* reflector\.go:\d+\] .*watch ended with error.*context canceled/;

const plain = (text: string) => changing.reduce((done, [pattern, replacement]) => done.replace(pattern, replacement), text);

// The alphabet of random suffixes.
const S = '[bcdfghjklmnpqrstvwxz2456789]';

/** In this order: a pattern may lean on what one before it left. */
const changing: readonly [RegExp, string][] = [
  [/(?<![0-9a-zA-Z])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, '<uid>'],
  [/\ba[0-9a-f]{31}-(\d{10}(?=\.eu-west-1\.elb\.)|[0-9a-f]{16}(?=\.elb\.eu-west-1\.))/g, '<load balancer>'],
  [/\b[0-9a-f]{64}\b/g, '<sha256>'],
  [/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<time>'],
  [/\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? \+0000 UTC/g, '<time>'],
  [/\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}/g, '<time>'],
  [/\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}/g, '<time>'],
  [/(resourceVersion\\?"?: ?\\?"?|Resource Version: +)\d+/g, '$1<version>'],
  [/https:\/\/127\.0\.0\.1:\d+/g, 'https://127.0.0.1:<port>'],
  [/\b10\.244\.\d+\.\d+(?!\d|\/)/g, '<pod ip>'],
  [/\b10\.(9[6-9]|1[01]\d)\.\d+\.\d+(?!\d|\/)/g, '<cluster ip>'],
  // A pod of a ReplicaSet; then pods of other owners, and generated volume names.
  [new RegExp(`-(${S}{6,10})-${S}{5}\\b`, 'g'), '-$1-xxxxx'],
  [new RegExp(`-${S}{5}\\b`, 'g'), '-xxxxx'],
  [/(Node: +)node-\d\/10\.0\.0\.\d/g, '$1<node>'],
  [/( to| on node|nodeName:|selected-node:) node-\d\b/g, '$1 <node>'],
  [/(hostIP:|- ip:) 10\.0\.0\.\d/g, '$1 <node ip>'],
  [/(topology\.kubernetes\.io\/zone(=|: ))eu-west-1[a-z]/g, '$1<zone>'],
  [/:3[0-2]\d{3}(?=\/(TCP|UDP))/g, ':<node port>'],
  // helm pads the cells of its tables and sets tabs between them besides.
  [/ +\t/g, '\t'],
  [/ \(\d+[smh] ago\)/g, ' (<age> ago)'],
  [/(Age:|Duration:)( +)(\d+[smhd])+$/gm, '$1$2<age>'],
];

/** kubectl prints titles in capitals; `describe` prints conditions and events under titles of its own. */
const isHeader = (line: string) =>
  (/^[A-Z][A-Z-]*( [A-Z-]+)* {2,}[A-Z]/.test(line) && !/[a-z]/.test(line)) ||
  /^ +Type +Reason +Age +From +Message/.test(line) ||
  /^ +Type +Status +LastHeartbeatTime/.test(line);

/** An error that was printed behind a table is no row of it. */
const belongs = (line: string, header: string) => line.trim() !== '' && indentOf(line) >= indentOf(header) && !/^error:|^Error from server/.test(line);

const indentOf = (line: string) => line.length - line.trimStart().length;

/** A table whose columns are as wide as what is in them now: their width in the output shows nothing but the length of an age. */
function laidOut(lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  const titles = [...lines[0]!.matchAll(/\S+( \S+)*/g)].map((match) => ({ at: match.index, title: match[0] }));
  const rows = lines.map((line, r) => titles.map(({ at, title }, i) => (r > 0 ? cellOf(title, line.slice(at, titles[i + 1]?.at).trim()) : title)));
  const widths = titles.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const indent = ' '.repeat(titles[0]!.at);
  return rows.map(
    (row) =>
      indent +
      row
        .map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i]! + 3)))
        .join('')
        .trimEnd(),
  );
}

function cellOf(title: string, cell: string): string {
  if (/^(AGE|Age|LAST SEEN|FIRST SEEN|DURATION|LAST SCHEDULE)$/.test(title)) return cell.replace(/\b(\d+[smhdy])+(?=$| |\))/g, '<age>');
  if (/^(NOMINATED )?NODE$/.test(title)) return cell.replace(/^node-\d+$/, '<node>');
  return plain(cell);
}
