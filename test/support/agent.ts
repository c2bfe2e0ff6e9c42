import { Client } from '@modelcontextprotocol/client';
import { InMemoryTransport } from '@modelcontextprotocol/server';
import { expect } from 'vitest';
import { connect } from '../../local/client/connect.ts';
import { type Allowance, Reach } from '../../local/mcp/reach.ts';
import { mcpServer } from '../../local/mcp/server.ts';

/** What a tool has answered. */
interface Called {
  readonly text: string;
  readonly isError: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: it is read as an agent reads it
  readonly structured: any;
}

interface AgentOptions {
  readonly kubeconfig: string;
  readonly allow?: Allowance;
  readonly secrets?: boolean;
}

/** An agent with a server of the Model Context Protocol of its own, in this process. */
export class Agent {
  readonly client: Client;

  private constructor(client: Client) {
    this.client = client;
  }

  static async of({ kubeconfig, allow = 'nothing', secrets = false }: AgentOptions): Promise<Agent> {
    const env = { KUBECONFIG: kubeconfig };
    const server = mcpServer(new Reach({ connect: () => connect({}, { env }), allow, secrets }), { version: '0.0.0' });
    const [mine, others] = InMemoryTransport.createLinkedPair();
    const client = new Client({ name: 'agent', version: '0.0.0' });
    await Promise.all([server.connect(others), client.connect(mine)]);
    // The client checks what tools answer against the schemas that it has been told.
    await client.listTools();
    return new Agent(client);
  }

  async call(name: string, given: object = {}): Promise<Called> {
    const { content, structuredContent, isError = false } = await this.client.callTool({ name, arguments: { ...given } });
    const text = (content as { text: string }[]).map((part) => part.text).join('\n');
    return { text, isError, structured: structuredContent };
  }

  async refused(name: string, given: object = {}): Promise<string> {
    const { text, isError } = await this.call(name, given);
    expect(isError, text).toBe(true);
    return text;
  }

  async done(name: string, given: object = {}): Promise<Called> {
    const called = await this.call(name, given);
    expect(called.isError, called.text).toBe(false);
    return called;
  }
}
