// page
export function AuditPage() { return <p />; }
