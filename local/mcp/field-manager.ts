/** What agents apply is told apart from what people and controllers own (Kubernetes documentation, "Server-Side Apply", "Managers"). */
export const FIELD_MANAGER = 'logplane-mcp';
