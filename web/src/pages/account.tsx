// page
export function AccountPage() { return <p />; }
