// Writes the plan of $PLAN_FILE as a comment on the pull request of the event (action.yml): over the one of the run before, where there is one.
import { readFileSync } from 'node:fs';

const {
  COMMENT,
  COMMENT_TITLE = '',
  PLAN_RESULT = 'NoPlan',
  PLAN_FILE,
  GITHUB_TOKEN,
  GITHUB_API_URL = 'https://api.github.com',
  GITHUB_REPOSITORY,
  GITHUB_EVENT_PATH,
} = process.env;

// GitHub takes 65,536 characters.
const MOST_CHARACTERS = 60_000;
const HEADINGS = { Succeeds: '✔ This would go well', Fails: '✘ This would fail' };

const number = COMMENT === 'true' ? JSON.parse(readFileSync(GITHUB_EVENT_PATH, 'utf8')).pull_request?.number : undefined;
if (number === undefined) console.log('No comment: it is not asked for, or this is no pull request.');
else await comment(number);

async function comment(number) {
  const marker = `<!-- logplane plan ${COMMENT_TITLE.replaceAll(/[^\w./-]/g, '_')} -->`;
  const plan = readFileSync(PLAN_FILE, 'utf8');
  const shown = plan.length > MOST_CHARACTERS ? `${plan.slice(0, MOST_CHARACTERS)}\n… the rest is in the log of the run` : plan;
  // Indented: nothing in it is taken for Markdown, and nobody is mentioned.
  const indented = shown.replaceAll(/^/gm, '    ');
  const body = `${marker}\n### ${HEADINGS[PLAN_RESULT] ?? '? There is no plan'}\n\n${indented}\n`;
  const issue = `/repos/${GITHUB_REPOSITORY}/issues`;
  const before = await commentBefore(`${issue}/${number}/comments`, marker);
  await (before ? github('PATCH', `${issue}/comments/${before.id}`, { body }) : github('POST', `${issue}/${number}/comments`, { body }));
}

/** The comment of a run before. */
async function commentBefore(comments, marker) {
  for (let page = 1; ; page++) {
    const some = await github('GET', `${comments}?per_page=100&page=${page}`);
    const found = some.find(({ body }) => body?.startsWith(marker));
    if (found || some.length < 100) return found;
  }
}

async function github(method, path, body) {
  const headers = { authorization: `Bearer ${GITHUB_TOKEN}`, accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' };
  const response = await fetch(`${GITHUB_API_URL}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  if (!response.ok) {
    // A pull request from a fork has a token that may read alone: the plan is in the log and in the summary all the same.
    console.log(
      `::warning::the plan could not be written as a comment: GitHub answers ${response.status}; does the job have the permission pull-requests: write?`,
    );
    process.exit(0);
  }
  return response.json();
}
