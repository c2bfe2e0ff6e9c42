import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const dir = path.resolve(import.meta.dirname, '../../docs/decisions');

/** The list of decisions, each with the question that it answers. */
export function decisionsPage(): string {
  const rows = readdirSync(dir)
    .filter((file) => file.endsWith('.md'))
    .sort()
    .map((file) => {
      const text = readFileSync(path.join(dir, file), 'utf8');
      const title = /^# (.+)$/m.exec(text)![1]!;
      const question = /^## Question\n+([\s\S]*?)\n\n/m.exec(text)?.[1] ?? '';
      return `| [${title}](/decisions/${file.slice(0, -3)}) | ${question
        .replaceAll('\n', ' ')
        .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .replaceAll('|', '\\|')} |`;
    });
  return ['# Decisions', '', 'What was chosen, and why.', '', '| decision | question |', '|---|---|', ...rows, ''].join('\n');
}
