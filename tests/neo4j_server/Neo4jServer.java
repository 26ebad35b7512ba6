import java.nio.file.Path;
import java.time.Duration;
import org.neo4j.configuration.GraphDatabaseSettings;
import org.neo4j.configuration.connectors.BoltConnector;
import org.neo4j.configuration.helpers.SocketAddress;
import org.neo4j.dbms.api.DatabaseManagementServiceBuilder;
import org.neo4j.io.ByteUnit;

/** Serves Bolt on a loopback port, without passwords, until its standard input closes. */
class Neo4jServer {
    public static void main(String[] arguments) throws Exception {
        var home = Path.of(arguments[0]);
        var port = Integer.parseInt(arguments[1]);
        var pageCache = ByteUnit.parse(arguments[2]);
        var server = new DatabaseManagementServiceBuilder(home)
                .setConfig(BoltConnector.enabled, true)
                .setConfig(BoltConnector.listen_address, new SocketAddress("127.0.0.1", port))
                // A client that hears nothing for twice as long knows that the server hangs.
                .setConfig(BoltConnector.connection_keep_alive, Duration.ofSeconds(5))
                // Else it takes half of the machine's memory, outside the heap, which then lacks beside it.
                .setConfig(GraphDatabaseSettings.pagecache_memory, pageCache)
                // A log for a test's few transactions need not take 256 MB beforehand.
                .setConfig(GraphDatabaseSettings.preallocate_logical_logs, false)
                .build();
        System.out.println("ready");
        while (System.in.read() != -1) {
            // Whoever started this server holds the other end, so it never outlives them.
        }
        server.shutdown();
    }
}
