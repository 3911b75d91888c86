// page
export function ImportPage() { return <p />; }
