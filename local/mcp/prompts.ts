import type { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';

/** What people begin a conversation with. */
export function addPrompts(server: McpServer): void {
  const asked = (text: string) => ({ messages: [{ role: 'user' as const, content: { type: 'text' as const, text } }] });
  server.registerPrompt(
    'try-on-a-fork',
    {
      title: 'Try a change on a fork',
      description: 'Tries a change on a fork of the cluster, and brings back its manifests and a plan.',
      argsSchema: z.object({ change: z.string().describe('What is to be changed, and to what end') }),
    },
    ({ change }) =>
      asked(
        `${change}

Do not change the cluster itself. Look at what there is (list, why), write the manifests, and see what would come of them (plan). If this server may fork, make a fork, apply them there, and look at what really comes of them (why, diff). Correct them until all is well, and remove the fork. Then give me the manifests, what the plan for the cluster itself says, and what is still uncertain.`,
      ),
  );
  server.registerPrompt(
    'what-is-not-well',
    {
      title: 'What is not well, and why',
      description: 'Finds what is not well in a cluster, since when, and what began it.',
      argsSchema: z.object({ namespace: z.string().optional().describe('Only in this namespace') }),
    },
    ({ namespace }) =>
      asked(
        `What is not well in the cluster${namespace ? ` (namespace ${namespace})` : ''}, and why? List nodes, workloads and Events of type Warning; ask why of each that is not as it should be; follow the causes to the request that began it (change), and tell me who made it and when, and how it could be taken back (undo with dry_run) or corrected (plan). Change nothing.`,
      ),
  );
}
