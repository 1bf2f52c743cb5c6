export function Masthead() {
  return (
    <header className="masthead">
      <p className="wordmark">
        <img src="/icon.svg" alt="" width="20" height="20" />
        token-lifecycle
      </p>
      <div className="title">
        <h1>One token, seven states</h1>
        <p className="lede">
          The server that you started signs a real token, and this page keeps it alive. Take away the network or break
          the origin, and see what the machine does about it.
        </p>
      </div>
    </header>
  );
}
