// page
export function ReviewPage() { return <p />; }
