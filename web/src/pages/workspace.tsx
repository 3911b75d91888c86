// page
export function Workspace() { return <p />; }
