// page
export function UsersPage() { return <p />; }
