/** One thing that was looked at. */
export interface Case {
  readonly group: string;
  readonly name: string;
  /** Why it is not well; none: it is. */
  readonly failure?: string;
  /** How long it took. */
  readonly seconds?: number;
}

/** Cases as JUnit's XML, as CI systems show it. */
export function junit(suite: string, cases: readonly Case[]): string {
  const failures = cases.filter(({ failure }) => failure !== undefined).length;
  const lines = cases.map(({ group, name, failure, seconds }) => {
    const open = `    <testcase classname=${quoted(group)} name=${quoted(name)}${seconds === undefined ? '' : ` time="${seconds.toFixed(3)}"`}`;
    return failure === undefined ? `${open}/>` : `${open}>\n      <failure message=${quoted(failure)}/>\n    </testcase>`;
  });
  const head = `name=${quoted(suite)} tests="${cases.length}" failures="${failures}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n  <testsuite ${head}>\n${lines.join('\n')}\n  </testsuite>\n</testsuites>\n`;
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\n': '&#10;', '\t': '&#9;' };

/** XML has no way to write other control characters. */
const quoted = (text: string): string => `"${text.replace(/[\p{Cc}\p{Cs}\uFFFE\uFFFF&<>"]/gu, (char) => ESCAPES[char] ?? '\uFFFD')}"`;
