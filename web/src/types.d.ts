declare module "@fontsource/noto-sans-sc/400.css";
