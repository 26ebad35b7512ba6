import java.nio.file.Path;
import org.neo4j.configuration.connectors.BoltConnector;
import org.neo4j.configuration.helpers.SocketAddress;
import org.neo4j.dbms.api.DatabaseManagementServiceBuilder;

/** Serves Bolt on a loopback port, without passwords, until its standard input closes. */
class Neo4jServer {
    public static void main(String[] arguments) throws Exception {
        var home = Path.of(arguments[0]);
        var port = Integer.parseInt(arguments[1]);
        var server = new DatabaseManagementServiceBuilder(home)
                .setConfig(BoltConnector.enabled, true)
                .setConfig(BoltConnector.listen_address, new SocketAddress("127.0.0.1", port))
                .build();
        System.out.println("ready");
        while (System.in.read() != -1) {
            // Whoever started this server holds the other end, so it never outlives them.
        }
        server.shutdown();
    }
}
